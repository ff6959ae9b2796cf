import { oncePerApp, type App } from '#kernel/app.ts'
import { makePointIndex, type PointIndex } from '#capabilities/places/index.ts'
import { parameter, policyOf } from '#capabilities/policy/index.ts'
import type { SiteQueue } from './contract.ts'
import { openMinutes, type HolidayCalendar, type On } from './opening.ts'
import { judgeQueue, type QueueTerms } from './queue-rules.ts'
import { allSites, seenAtSites, type Seen, type SiteRecord } from './store.ts'

/** Every site in memory, by id, in the order of names and by position; read again when somebody changes one. */
export type Book = {
  byId: ReadonlyMap<string, SiteRecord>
  sites: readonly SiteRecord[]
  index: PointIndex<SiteRecord>
}

type Kept = {
  book: Book
  /** Changes that were heard of, and how many of them the book holds. */
  changes: number
  held: number
  /** The book is being read again. */
  renewing: Promise<void> | undefined
  /** Wall time (ms) of the last reading begun, and of the last that failed. */
  readAt: number
  failedAt: number
  seen: { at: number; lines: ReadonlyMap<string, Seen> }
  reading: Promise<void> | undefined
}

async function readBook(app: App): Promise<Book> {
  const sites = await allSites(app.db)
  return {
    byId: new Map(sites.map((s) => [s.id, s])),
    sites,
    index: makePointIndex(sites),
  }
}

const books = oncePerApp<Kept>(async (app) => {
  const kept: Kept = {
    book: await readBook(app),
    changes: 0,
    held: 0,
    renewing: undefined,
    readAt: Date.now(),
    failedAt: 0,
    seen: { at: 0, lines: new Map() },
    reading: undefined,
  }
  // Another server, or the command line, changed a site or brought a list.
  app.live.hear((note) => {
    if (note.topic === 'sites' || (note.topic === 'import' && note.id === 'sites')) kept.changes++
  })
  return kept
})

/** Without the live connection nobody says what changed: read again this often, and after a failure not sooner. */
const AWAY_MS = 1_000

function renew(app: App, kept: Kept): Promise<void> {
  const { changes } = kept
  kept.readAt = Date.now()
  kept.renewing = readBook(app)
    .then(
      (book) => {
        kept.book = book
        kept.held = changes
      },
      (error: unknown) => {
        kept.failedAt = Date.now()
        app.log.warn({ err: String(error) }, 'sites are shown as they stood: they cannot be read now')
      },
    )
    .finally(() => void (kept.renewing = undefined))
  return kept.renewing
}

/**
 * The sites as they stand. 16,000 of them are read once, not at every question: 16,000 rows take 60 ms. A change that is
 * known of is waited for, by all who ask with one reading; while the database is away they stand as they stood.
 */
export async function bookOf(app: App): Promise<Book> {
  const kept = await books.get(app)
  if (!kept.renewing && !app.live.connected() && Date.now() - kept.readAt > AWAY_MS) void renew(app, kept)
  // A reading that began before the change is waited for, and holds it not.
  for (let i = 0; i < 2 && kept.held < kept.changes && Date.now() - kept.failedAt > AWAY_MS; i++)
    await (kept.renewing ?? renew(app, kept))
  return kept.book
}

/** Reads the sites again at the next question of this server; others hear it from the live note. */
export async function forgetBook(app: App): Promise<void> {
  ;(await books.get(app)).changes++
}

/** Lines are looked at this often; who asks in between is answered with what was seen, and nobody waits for the look. */
const SEEN_MS = 5_000

async function look(app: App, kept: Kept): Promise<void> {
  const terms = await queueTermsOf(app)
  const now = app.clock.now().getTime()
  const lines = await seenAtSites(
    app.db,
    new Date(now - terms.paceMinutes * 60_000),
    new Date(now - terms.countedMinutes * 60_000),
  )
  kept.seen = { at: Date.now(), lines }
}

async function linesOf(app: App): Promise<ReadonlyMap<string, Seen>> {
  const kept = await books.get(app)
  if (kept.seen.at < Date.now() - SEEN_MS)
    kept.reading ??= look(app, kept).finally(() => void (kept.reading = undefined))
  if (kept.seen.at === 0) await kept.reading
  else kept.reading?.catch((error: unknown) => app.log.error({ err: String(error) }, 'lines at sites'))
  return kept.seen.lines
}

/** Looks at the lines now: who has just counted one reads their own count. */
export async function lookAgain(app: App): Promise<void> {
  const kept = await books.get(app)
  await kept.reading?.catch(() => undefined)
  await look(app, kept)
}

export async function queueTermsOf(app: App): Promise<QueueTerms> {
  const policy = await policyOf(app)
  const value = (id: string) => parameter(policy, `sites.${id}`).value
  return {
    perDeskHour: value('perDeskHour'),
    paceMinutes: value('paceMinutes'),
    countedMinutes: value('countedMinutes'),
    busyMinutes: value('busyMinutes'),
    crowdedMinutes: value('crowdedMinutes'),
  }
}

/** Says of a site what its line is like; `lines` is another object when they were looked at again. */
export type QueueTeller = ((site: SiteRecord) => SiteQueue | null) & { lines: ReadonlyMap<string, Seen> }

/** Says of a site what its line is like now; null for one that nobody has sampled or counted at lately. */
export async function queueTeller(app: App): Promise<QueueTeller> {
  const [lines, terms, on] = await Promise.all([linesOf(app), queueTermsOf(app), onOf(app)])
  const now = app.clock.now()
  // Once for each look at the lines, not for each question about sixteen thousand of them.
  let judged = judgements.get(lines)
  if (!judged) judgements.set(lines, (judged = new Map()))
  const tell = (site: SiteRecord) => {
    const known = judged.get(site)
    if (known !== undefined) return known
    const said = judge(lines.get(site.id), site, { terms, now, on })
    judged.set(site, said)
    return said
  }
  return Object.assign(tell, { lines })
}

const judgements = new WeakMap<object, Map<SiteRecord, SiteQueue | null>>()

function judge(
  seen: Seen | undefined,
  site: SiteRecord,
  { terms, now, on }: { terms: QueueTerms; now: Date; on: On },
): SiteQueue | null {
  if (!seen) return null
  const desks = seen.countedDesks ?? site.desks
  const open = site.rules ? openMinutes(site.rules, now, terms.paceMinutes, on) : 0
  const said = judgeQueue(
    {
      desks,
      sampled: seen.sampled,
      // Who samples outside the hours that stand there is not open by them: nothing can be told from these.
      ...(open > 0 && { openMinutes: open }),
      counted:
        seen.counted === null || seen.countedAt === null
          ? undefined
          : {
              people: seen.counted,
              minutesAgo: Math.max(0, (now.getTime() - seen.countedAt.getTime()) / 60_000),
            },
    },
    terms,
  )
  const tenth = (n: number) => Math.round(n * 10) / 10
  return (
    said && {
      ...said,
      desks,
      perMinute: tenth(said.perMinute),
      waitMinutes: tenth(said.waitMinutes),
      errorMinutes: tenth(said.errorMinutes),
      counted: seen.counted,
      countedAt: seen.countedAt?.toISOString() ?? null,
    }
  )
}

const calendars = new WeakMap<object, HolidayCalendar>()

/** The public holidays of the pack in force and the days worked for them, for opening rules. */
export async function onOf(app: App): Promise<On> {
  const { pack } = await policyOf(app)
  let calendar = calendars.get(pack)
  if (!calendar) {
    const { holidays, makeUp } = pack.calendar
    calendar = {
      isHoliday: (date) => holidays.some((h) => date >= h.from && date <= h.to),
      isMakeUp: (date) => makeUp.includes(date),
    }
    calendars.set(pack, calendar)
  }
  return { calendar }
}
