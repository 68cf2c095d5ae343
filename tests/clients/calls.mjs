// Which methods of postgrest-js' builders the tests call: every public one is wrapped, and its name is kept in the folder
// CALLS, where there is one, for `all.mjs` to compare with those that there are.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PostgrestClient, PostgrestFilterBuilder, PostgrestQueryBuilder } from '@supabase/postgrest-js'

/** What tests hold in their hands: a client, what `from` gives, and what a verb or `rpc` gives. */
const held = { PostgrestClient, PostgrestQueryBuilder, PostgrestFilterBuilder }

/** Every method of what is held, its parents' included, as { owner, prototype, name }. */
function methods() {
  return Object.entries(held).flatMap(([owner, { prototype }]) => {
    const found = []
    for (let at = prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
      for (const name of Object.getOwnPropertyNames(at)) {
        if (name !== 'constructor' && typeof at[name] === 'function') found.push({ owner, prototype: at, name })
      }
    }
    return found
  })
}

const label = ({ owner, name }) => `${owner}.${name}`

/** The methods that there are. */
export const all = () => new Set(methods().map(label))

/** Notes what is called from now on; calls that the library makes itself do not count. */
export function record(folder) {
  const called = new Set()
  let depth = 0
  for (const method of methods()) {
    const original = method.prototype[method.name]
    method.prototype[method.name] = function (...given) {
      if (depth === 0) called.add(label(method))
      depth += 1
      try {
        return original.apply(this, given)
      } finally {
        depth -= 1
      }
    }
  }
  process.on('exit', () => writeFileSync(join(folder, String(process.pid)), [...called].join('\n')))
}
