"""The families of constraints, one file each; every one adds its rows to the builder of a `Context`."""
