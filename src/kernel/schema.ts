import pg from 'pg'

const QUERY = `
select 'table ' || c.relname || ' ' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
    || case when co.collname is not null and co.collname <> 'default' then ' collate ' || quote_ident(co.collname) else '' end
    || case when a.attnotnull then ' not null' else '' end
    || case when a.attgenerated <> '' then ' generated ' || pg_get_expr(d.adbin, d.adrelid)
            when a.attidentity <> '' then ' identity'
            when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end as line
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    left join pg_collation co on co.oid = a.attcollation
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
union all select 'constraint ' || c.relname || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
  from pg_constraint k join pg_class c on c.oid = k.conrelid where c.relnamespace = 'public'::regnamespace and k.contype <> 'n'
union all select 'index ' || indexdef from pg_indexes where schemaname = 'public'
union all select 'row security ' || relname from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity
union all select 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' to ' || array_to_string(roles, ', ') || coalesce(' using ' || qual, '') || coalesce(' check ' || with_check, '')
  from pg_policies where schemaname = 'public'
union all select 'grant ' || table_name || ' ' || string_agg(lower(privilege_type), ', ' order by privilege_type) || ' to ' || grantee
  from information_schema.role_table_grants where table_schema = 'public' and grantee like 'cityloop\\_%' group by table_name, grantee
union all select 'trigger ' || pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
  where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
union all select 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' || case when p.prosecdef then ' security definer' else '' end
  from pg_proc p where p.pronamespace = 'public'::regnamespace and p.probin is null
union all select 'sequence ' || sequencename from pg_sequences where schemaname = 'public'`

/**
 * What the migrations made, one line a thing, sorted: the committed schema.sql. PostgreSQL's own dump is not in the
 * packaged binaries, and this form shows in a diff exactly what a migration changed.
 */
export async function describeSchema(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ line: string }>(QUERY)
    const lines = rows.map((r) => r.line.replace(/\s+/g, ' ')).sort()
    return `-- Made by scripts/schema.ts from the migrations; a test compares it. Do not edit.\n${lines.join('\n')}\n`
  } finally {
    await client.end()
  }
}
