"""Sound on the network: Opus, packets, peer connections, playout.

It knows no room, no user and no sound card. Only this floor imports aiortc, av,
aioice and libopus.
"""
