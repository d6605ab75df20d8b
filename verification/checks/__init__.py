"""The checks, each a file of its own with a function ``verdicts(out, quick)``.

A check may also name, in ``PLANTED``, wrong laws it must not accept: each a function
without arguments whose verdicts are to hold at least one failure.
"""
