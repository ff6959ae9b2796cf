import { statfsSync } from 'node:fs'
import { totalmem } from 'node:os'

const MB = 1024 * 1024

/**
 * The whole postgresql.conf. Port and address are given on the command line, so that the file changes only when
 * CityLoop's wishes or the machine's memory do.
 */
export function settingsFile(): string {
  const memory = usableMemory()
  const shared = clamp(memory / 8, 64 * MB, 2048 * MB)
  const lines = {
    // Durable means durable: no default, bench or test turns these off.
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',

    shared_buffers: megabytes(shared),
    effective_cache_size: megabytes(memory / 2),
    work_mem: megabytes(clamp(memory / 512, 4 * MB, 32 * MB)),
    maintenance_work_mem: megabytes(clamp(memory / 32, 64 * MB, 512 * MB)),
    // A container's /dev/shm is often 64 MB, which a parallel query outgrows.
    dynamic_shared_memory_type: sharedMemoryFolderIsSmall() ? 'sysv' : 'posix',

    max_connections: '100',
    max_wal_size: '4GB',
    min_wal_size: '80MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: '0.9',
    // The packaged build knows pglz only, which costs more processor than the disk it saves.
    wal_compression: 'off',
    wal_level: 'replica',
    max_wal_senders: '4',

    random_page_cost: '1.1',
    jit: 'off',
    max_parallel_workers_per_gather: '1',

    autovacuum: 'on',
    autovacuum_max_workers: '2',
    autovacuum_naptime: '20s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.02',
    autovacuum_vacuum_insert_scale_factor: '0.1',

    idle_in_transaction_session_timeout: '60s',
    // Without this a connection whose machine vanished holds its locks for two hours.
    tcp_keepalives_idle: '60',
    client_connection_check_interval: '2s',

    timezone: "'Asia/Shanghai'",
    log_timezone: "'Asia/Shanghai'",
    datestyle: "'iso, ymd'",
    default_text_search_config: "'pg_catalog.simple'",
    lc_messages: "'C'",

    unix_socket_directories: "''",
    password_encryption: "'scram-sha-256'",
    log_line_prefix: "'%m [%p] '",
    log_min_duration_statement: '2s',
    // Statements carry what people wrote: neither their text nor their parameters go into a log.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    log_min_error_statement: "'panic'",
    // Terse: the detail of a violated constraint repeats the values of the row.
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  }
  return `${Object.entries(lines)
    .map(([name, value]) => `${name} = ${value}`)
    .join('\n')}\n`
}

/** Password over loopback only; nothing else may connect. */
export const ACCESS_FILE = 'host all all 127.0.0.1/32 scram-sha-256\n'

/** Bytes: the container's limit where there is one, else the machine's memory. */
function usableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}

function sharedMemoryFolderIsSmall(): boolean {
  try {
    const folder = statfsSync('/dev/shm')
    return folder.bsize * folder.blocks < 256 * MB
  } catch {
    return true
  }
}

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value))
const megabytes = (bytes: number) => `${Math.floor(bytes / MB)}MB`
