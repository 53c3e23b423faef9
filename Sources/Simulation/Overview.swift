// Overview of the Simulation target.
