// Overview of the Reports target.
