/** What stands beside a sealed record in the clear: an opaque owner, a kind, a state and a time, never a person. */
export type Header = { id: string; owner: string; what: string; state: string; madeAt: number }
type Row = Header & { iv: Uint8Array<ArrayBuffer>; sealed: ArrayBuffer }

export type Device = {
  /** Opens everything that `owner` has here. What cannot be opened is counted, never dropped. */
  readAll: (owner: string) => Promise<{ items: unknown[]; unreadable: number }>
  /** Durable when it resolves: all of it or nothing. */
  write: (put: readonly { header: Header; content: object }[], drop?: readonly string[]) => Promise<void>
  headers: () => Promise<Header[]>
  /** Small things by name (who works here, places seen, the clock), sealed like the rest. */
  keep: (name: string, value: unknown) => Promise<void>
  kept: <T>(name: string) => Promise<T | undefined>
  /** Everything but the key, which protects nothing any more. */
  forgetAll: () => Promise<void>
}

const NAME = 'cityloop-field'

/** IndexedDB and WebCrypto need a secure context: https, or this machine itself. */
export const isSecure = (): boolean => isSecureContext && 'indexedDB' in globalThis && 'subtle' in crypto

const answer = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error!)
  })

const ended = (trx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    trx.oncomplete = () => resolve()
    trx.onabort = () => reject(trx.error ?? new Error('not written'))
    trx.onerror = () => reject(trx.error ?? new Error('not written'))
  })

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1)
  request.onupgradeneeded = () => {
    request.result.createObjectStore('key')
    request.result.createObjectStore('record', { keyPath: 'id' })
    request.result.createObjectStore('kept', { keyPath: 'id' })
  }
  return answer(request)
}

/** The key of this device, made once. Not extractable: the page can use it and nobody can read it out. */
async function keyOf(db: IDBDatabase): Promise<CryptoKey> {
  const fresh = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
  const trx = db.transaction('key', 'readwrite', { durability: 'strict' })
  const store = trx.objectStore('key')
  const there = await answer<CryptoKey | undefined>(store.get('device'))
  if (!there) store.put(fresh, 'device')
  await ended(trx)
  return there ?? fresh
}

/** Opens what this device keeps, making the database and its key the first time. */
export async function openDevice(): Promise<Device> {
  const db = await openDatabase()
  const key = await keyOf(db)
  // The id is bound to the content, so that two records cannot be exchanged.
  const bound = (id: string) => new TextEncoder().encode(id)
  const seal = async (header: Header, content: unknown): Promise<Row> => {
    const iv = crypto.getRandomValues(new Uint8Array(12))
    const plain = new TextEncoder().encode(JSON.stringify(content))
    const sealed = await crypto.subtle.encrypt(
      { name: 'AES-GCM', iv, additionalData: bound(header.id) },
      key,
      plain,
    )
    const { id, owner, what, state, madeAt } = header
    return { id, owner, what, state, madeAt, iv, sealed }
  }
  const unseal = async (row: Row): Promise<unknown> =>
    JSON.parse(
      new TextDecoder().decode(
        await crypto.subtle.decrypt(
          { name: 'AES-GCM', iv: row.iv, additionalData: bound(row.id) },
          key,
          row.sealed,
        ),
      ),
    )
  const rows = () => answer<Row[]>(db.transaction('record').objectStore('record').getAll())
  const put = async (store: 'record' | 'kept', sealed: readonly Row[], drop: readonly string[]) => {
    // Strict: the default may lose the last write with the battery, and the person has gone home by then.
    const trx = db.transaction(store, 'readwrite', { durability: 'strict' })
    for (const row of sealed) trx.objectStore(store).put(row)
    for (const id of drop) trx.objectStore(store).delete(id)
    await ended(trx)
  }
  return {
    async readAll(owner) {
      const opened = await Promise.allSettled((await rows()).filter((r) => r.owner === owner).map(unseal))
      return {
        items: opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : [])),
        unreadable: opened.filter((o) => o.status === 'rejected').length,
      }
    },
    async write(items, drop = []) {
      if (items.length === 0 && drop.length === 0) return
      await put('record', await Promise.all(items.map((i) => seal(i.header, i.content))), drop)
    },
    headers: async () =>
      (await rows()).map(({ id, owner, what, state, madeAt }) => ({ id, owner, what, state, madeAt })),
    keep: async (name, value) =>
      put(
        'kept',
        [await seal({ id: name, owner: '', what: 'kept', state: '', madeAt: Date.now() }, value)],
        [],
      ),
    async kept<T>(name: string) {
      const row = await answer<Row | undefined>(db.transaction('kept').objectStore('kept').get(name))
      return row ? ((await unseal(row).catch(() => undefined)) as T | undefined) : undefined
    },
    async forgetAll() {
      const trx = db.transaction(['record', 'kept'], 'readwrite')
      trx.objectStore('record').clear()
      trx.objectStore('kept').clear()
      await ended(trx)
    },
  }
}
