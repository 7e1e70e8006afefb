"""Labelled sequences -> a classifier on k-mer counts, its leaks, scores, baselines and drivers.

The words: *item* = one labelled sequence; *pattern* = the places of a window whose letters count,
``111111`` or ``11011011``; *block* = patterns that share a table of columns; *head* = one linear
classifier on one block; *group* = items that share a long k-mer, never split between folds.
"""
