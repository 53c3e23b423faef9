// Overview of the Volume target.
