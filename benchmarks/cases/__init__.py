"""One measurement a file; each runs in a fresh process and prints one JSON document.

Files of peers import nothing of bordersim: they run in an environment of their own.
"""
