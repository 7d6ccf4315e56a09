"""Files of any format -> their text: one reader for each suffix, hostile ones in a process of their own."""
