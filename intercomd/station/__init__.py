"""The appliance: a sound card, keys and lights made into a user of a room."""
