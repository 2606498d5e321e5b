// The web application's half: each line of the input is a list of calls, made in one transaction where there are several.
// Each line of the output is {"result": ...} or {"error": {"code": ..., "message": ...}}.
import { createInterface } from 'node:readline'

import { PrismaAdapter as AuthJs } from '@auth/prisma-adapter'
import { PrismaAdapter as NextAuth } from '@next-auth/prisma-adapter'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) })
const on = { prisma, 'next-auth': NextAuth(prisma), 'auth.js': AuthJs(prisma) }
// What the adapters take as a Date, and JSON cannot hold.
const TIMES = new Set(['expires', 'emailVerified'])

function withTimes(key, value) {
  return TIMES.has(key) && typeof value === 'string' ? new Date(value) : value
}

function make({ of, name, values }) {
  const [method, ...path] = name.split('.').reverse()
  const object = path.reduceRight((inner, key) => inner[key], on[of])
  return object[method](...values)
}

async function answer(line) {
  const calls = JSON.parse(line, withTimes).map((call) => () => make(call))
  try {
    const made = calls.map((call) => call())
    return { result: made.length === 1 ? await made[0] : await prisma.$transaction(made) }
  } catch ({ code, message }) {
    return { error: { code, message } }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const big = (_, value) => (typeof value === 'bigint' ? Number(value) : value)
  console.log(JSON.stringify(await answer(line), big))
}
await prisma.$disconnect()
