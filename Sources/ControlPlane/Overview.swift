// Overview of the ControlPlane target.
