"""The promise, held against the whole: a model of who may read what, and people who try it."""
