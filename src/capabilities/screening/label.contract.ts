/**
 * Labels of tubes (T) and boxes (B): a letter, eleven digits and a GS1 check digit (mod 10, weights 3 and 1 from the
 * right), so that a label mistyped by one digit or with two neighbours swapped (but 0/5-apart ones) is not another label.
 */
export const LABEL = /^[TB]\d{12}$/

function checkDigit(digits: string): number {
  let sum = 0
  for (let i = 0; i < digits.length; i++) sum += Number(digits[digits.length - 1 - i]) * (i % 2 === 0 ? 3 : 1)
  return (10 - (sum % 10)) % 10
}

export const isLabel = (kind: 'T' | 'B', code: string): boolean =>
  LABEL.test(code) && code[0] === kind && checkDigit(code.slice(1, 12)) === Number(code[12])

/** The label of a running number below a hundred thousand million. */
export function labelOf(kind: 'T' | 'B', n: number): string {
  const digits = String(n).padStart(11, '0')
  return `${kind}${digits}${checkDigit(digits)}`
}
