"""The map of all k-mers as a Streamlit component."""
