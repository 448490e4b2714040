"""The wire and its rules: messages, both ends of a session, rooms, proofs.

Sans-I/O: time and chance are arguments; it opens no socket and reads no clock.
"""
