// Overview of the Scenarios target.
