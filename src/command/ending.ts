// How a command ends when it is not simply done: what was printed is all a person gets, and the exit code all a program gets.

/** The command can not be carried out as it was written: exit code 2, every line printed. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Something was looked at and problems were found: exit code 1, every line printed. */
export class ProblemsFound extends Error {
  override name = 'ProblemsFound';
}
