"""The view: shows what `bioskipgram` computes, computes nothing itself."""
