"""Many stations described in one file: `from intercomd.fleet.fleet import Fleet`."""
