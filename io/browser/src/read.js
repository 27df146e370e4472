// Looks one key up in a storage area, without changing anything. Where it is absent, tells the names of those there.
(({ area, key, valueMax, namesMax }) => {
  try {
    const storage = window[area];
    const value = storage.getItem(key);
    if (value === null) {
      return { names: Object.keys(storage).slice(0, namesMax).map((name) => name.toWellFormed()) };
    }
    // Half a character could not travel as JSON.
    if (!value.isWellFormed()) return { refused: "its value is no text" };
    return value.length > valueMax ? { tooLong: value.length } : { value };
  } catch (error) {
    return { refused: error.name };
  }
})
