"""`callspan why`: why an attribute that was written on a conversation does not show up, with the evidence for it.

`watching` reads the conversation, for a while when that may help; `diagnosis` and `causes` are pure and judge what was
seen. The causes and their order are those of Genesys' own documentation and SDK, named at each.
"""
