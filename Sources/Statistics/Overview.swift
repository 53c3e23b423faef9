// Overview of the Statistics target.
