/**
 * Runs `step`; gives nothing where it throws. For what may be missing or forbidden, not for mistakes.
 * @template T
 * @param {() => T} step
 * @returns {T | undefined}
 */
export const attempt = step => {
  try {
    return step();
  } catch {
    // The caller goes on without.
  }
};
