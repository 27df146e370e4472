// Looks one key up in a storage area, without changing anything. Where it is absent, tells the names of those there.
(({ area, key, valueMax, namesMax }) => {
  // The page may have led elsewhere since it was asked.
  const said = { origin: location.origin };
  try {
    const storage = window[area];
    const value = storage.getItem(key);
    if (value === null) {
      said.names = Object.keys(storage).slice(0, namesMax).map((name) => name.toWellFormed());
    } else if (!value.isWellFormed()) {
      // Half a character could not travel as JSON.
      said.refused = "its value is no text";
    } else if (value.length > valueMax) {
      said.tooLong = value.length;
    } else {
      said.value = value;
    }
  } catch (error) {
    said.refused = error.name;
  }
  return said;
})
