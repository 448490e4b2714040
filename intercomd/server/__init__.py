"""The room server: rooms, users and streams, and the forwarding of sound."""
