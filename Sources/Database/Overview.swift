// Overview of the Database target.
