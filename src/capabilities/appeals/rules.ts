/** The element whose handling clock an appeal has (policies/elements.shanghai.yaml). */
export const ELEMENT = 'law.appeal'

/** An appeal goes to the operations centre of the district, or of the city where the decision is about no district. */
export const unitFor = (placeCode: string): string =>
  `street.${placeCode.length >= 6 ? placeCode.slice(0, 6) : '31'}`
