/** Stands in for Plot's colour schemes: the charts say themselves which colour each mark has. */
export const isCategoricalScheme = () => false;
export const isDivergingScheme = isCategoricalScheme;

function none(): never {
  throw new Error('no colour scheme is in the page: give the mark a colour');
}

export { none as maybeBooleanRange, none as ordinalRange, none as ordinalScheme, none as quantitativeScheme };
