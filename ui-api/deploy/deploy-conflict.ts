/** Why a change cannot even be judged: another one goes on, the version is not the one it replaces, nowhere to write. */
export class DeployConflict extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}
