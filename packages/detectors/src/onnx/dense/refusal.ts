/** Why a graph is not read natively; the reader names the file and says what to do. @internal */
export class Refusal extends Error {}
