// Prisma's own program with its schema engine in WebAssembly, so that no engine has to be downloaded beside the packages.
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { defineConfig } from 'prisma/config'

// PostgreSQL's types of its catalogues, as numbers: the adapter knows only those that tables of people have.
const CHAR = 18
const NAME = 19
const TEXT = 25

// The engine never takes back the timers of its locks, with which the program would end up to a minute late.
const LOCK_MILLISECONDS = 10_000
const { setTimeout } = globalThis
globalThis.setTimeout = (work, milliseconds, ...values) => {
  const timer = setTimeout(work, milliseconds, ...values)
  return milliseconds >= LOCK_MILLISECONDS ? timer.unref() : timer
}

class CataloguePg extends PrismaPg {
  async connect() {
    const adapter = await super.connect()
    // The engine asks one thing after the other, so these are the columns of the answer that comes next.
    let characters = []
    adapter.underlyingDriver().on('connect', ({ connection }) => {
      connection.prependListener('rowDescription', ({ fields }) => {
        characters = fields.map((field) => field.dataTypeID === CHAR)
        for (const field of fields) {
          if (field.dataTypeID === CHAR || field.dataTypeID === NAME) field.dataTypeID = TEXT
        }
      })
    })
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const rows = await queryRaw(query)
      const columnTypes = rows.columnTypes.map((type, place) => (characters[place] ? ColumnTypeEnum.Character : type))
      return { ...rows, columnTypes }
    }
    return adapter
  }
}

export default defineConfig({
  schema: 'schema.prisma',
  migrations: { path: process.env.MIGRATIONS },
  experimental: { adapter: true },
  engine: 'js',
  // One connection, for the engine's lock belongs to the connection that took it.
  adapter: async () =>
    new CataloguePg({ connectionString: process.env.DATABASE_URL, max: 1, allowExitOnIdle: true, idleTimeoutMillis: 50 }),
})
