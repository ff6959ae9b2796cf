import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'

test('an address that begins like a formula reaches the spreadsheet as text', () => {
  expect(toCsv([['=1+1', '@x', '-5号', '+86', '\tx']])).toBe("\uFEFF'=1+1,'@x,'-5号,'+86,'\tx\r\n")
})

test('commas, quotes and line breaks stay inside their cell, numbers stay numbers', () => {
  expect(toCsv([['a,b', '说"好"', 'x\ny', -3, null]])).toBe('\uFEFF"a,b","说""好""","x\ny",-3,\r\n')
})
