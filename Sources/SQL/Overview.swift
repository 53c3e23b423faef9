// Overview of the SQL target.
