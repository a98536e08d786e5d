// Judges documents of CSAF 2.1: a JSON object of them, by name, on standard input; on standard
// output the names of the tests that each breaks. Nothing is fetched: the informative tests, which
// would, are not among them.

import { readFileSync } from 'node:fs'
import * as basic from '@secvisogram/csaf-validator-lib/csaf_2_1/basic.js'
import validate from '@secvisogram/csaf-validator-lib/validate.js'

const broken = {}
for (const [name, document] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  const { tests } = await validate(Object.values(basic), document)
  broken[name] = tests.filter((test) => !test.isValid).map((test) => test.name)
}
console.log(JSON.stringify(broken))
