"""`callspan init`: from a few answers to a folder with everything that a deployment and an import need.

`questions.py` is what is asked, `secrets.py` what is made once and kept, `rendering.py` what the files say, `folder.py`
how they are written, `checklist.py` what is left to do, and `command.py` the command.
"""
