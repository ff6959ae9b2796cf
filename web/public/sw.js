// Keeps the shell of the resident's and the field page, so that they open without a network. It never touches /api:
// what people asked and who they are is not kept by it.
const SHELL = 'cityloop-shell-1'
const HOMES = ['/', '/field']
const ROOT_FILES = ['/manifest.webmanifest', '/icon.svg', '/icon-192.png']
const PATIENCE_MS = 4000

const homeOf = (path) => {
  if (path === '/field' || path.startsWith('/field/')) return '/field'
  if (path === '/' || /^\/(my|sites|hospitals|ask|sign-in)(\/|$)/.test(path)) return '/'
  return undefined
}

let turn = Promise.resolve()

/** One at a time: what one page is about to name must not be forgotten by the other. */
function keep(home, answer) {
  const mine = turn.then(() => putAway(home, answer))
  turn = mine.catch(() => undefined)
  return mine
}

/** Puts a page and the assets it names away; asset names carry a hash, so an old one is never wrong. */
async function putAway(home, answer) {
  const cache = await caches.open(SHELL)
  const html = await answer.clone().text()
  const assets = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((m) => m[1])
  await Promise.all(
    assets.map(async (path) => {
      if (!(await cache.match(path))) await cache.add(path)
    }),
  )
  await cache.put(home, answer)
  await forgetOld(cache)
}

/** Assets that no kept page names any more are of an earlier edition. */
async function forgetOld(cache) {
  const kept = await Promise.all(HOMES.map((home) => cache.match(home)))
  if (kept.includes(undefined)) return
  const named = (await Promise.all(kept.map((page) => page.text()))).join('')
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/assets/') && !named.includes(pathname)) await cache.delete(request)
  }
}

async function keepAll() {
  const cache = await caches.open(SHELL)
  await Promise.allSettled([
    ...HOMES.map(async (home) => {
      const answer = await fetch(home, { cache: 'no-cache' })
      if (answer.ok) await keep(home, answer)
    }),
    cache.addAll(ROOT_FILES),
  ])
}

self.addEventListener('install', (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((n) => n !== SHELL).map((n) => caches.delete(n))))
      .then(() => self.clients.claim()),
  )
})

async function page(event, home) {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS)
  try {
    const answer = await fetch(event.request, { signal: stop.signal })
    if (answer.ok) event.waitUntil(keep(home, answer.clone()).catch(() => undefined))
    if (answer.status < 500) return answer
    return (await caches.match(home)) ?? answer
  } catch {
    // Nothing kept: a slow answer is better than none.
    return (await caches.match(home)) ?? fetch(event.request)
  } finally {
    clearTimeout(timer)
  }
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (event.request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/'))
    return
  if (event.request.mode === 'navigate') {
    const home = homeOf(url.pathname)
    if (home) event.respondWith(page(event, home))
    return
  }
  if (url.pathname.startsWith('/assets/') || ROOT_FILES.includes(url.pathname)) {
    event.respondWith(caches.match(url.pathname).then((kept) => kept ?? fetch(event.request)))
  }
})
