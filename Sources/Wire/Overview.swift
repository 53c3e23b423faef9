// Overview of the Wire target.
