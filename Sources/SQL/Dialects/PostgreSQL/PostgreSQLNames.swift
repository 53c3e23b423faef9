/// What PostgreSQL has and this engine has not: whoever asks for it hears that it is not supported,
/// rather than that there is no such thing.
enum PostgreSQLNames {
  static let functions = words(
    """
    acos acosd acosh age array_agg array_append array_cat array_length array_lower
    array_position array_prepend array_remove array_replace array_to_json array_to_string array_upper
    asin asind asinh atan atan2d atand atanh bit_and bit_count bit_length bit_or bit_xor
    cardinality cbrt corr cosd cosh cot covar_pop covar_samp cume_dist
    current_schemas currval date_bin dense_rank encode decode factorial first_value
    format gcd gen_random_uuid generate_subscripts get_bit get_byte has_table_privilege host
    inet_client_addr isfinite json_agg json_build_array json_build_object json_object_agg
    jsonb_agg jsonb_build_object jsonb_set justify_days justify_hours justify_interval lag last_value
    lastval lcm lead log10 lower_inc make_date make_interval make_time make_timestamp
    make_timestamptz min_scale mode nextval normalize nth_value ntile num_nonnulls num_nulls
    obj_description overlay parse_ident percent_rank percentile_cont percentile_disc
    pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock pg_column_size pg_database_size
    pg_get_indexdef pg_relation_size pg_size_pretty pg_table_size pg_total_relation_size
    pg_try_advisory_lock pg_typeof quote_literal quote_nullable rank
    regexp_count regexp_match regexp_matches regexp_replace regexp_split_to_array
    regexp_split_to_table regexp_substr regr_slope row_number row_to_json scale set_bit setseed
    setval sha224 sha256 sha384 sha512 sind sinh stddev stddev_pop stddev_samp
    string_to_array string_to_table tand tanh timeofday timezone to_ascii to_char to_date
    to_json to_jsonb to_number trim_array trim_scale unnest upper_inc var_pop var_samp
    variance width_bucket xmlagg
    """)

  static let types = words(
    """
    bit box cidr circle cstring inet int4range int8range json jsonb line lseg macaddr macaddr8 money
    numrange path pg_lsn point polygon refcursor regclass regproc regrole regtype tid time timetz
    tsquery tsrange tstzrange tsvector uuid varbit xid xml
    """)

  /// Words that are no names unless they are quoted.
  static let reserved = words(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
    boolean both case cast char character check coalesce collate collation column concurrently
    constraint create cross current_catalog current_date current_role current_schema current_time
    current_timestamp current_user dec decimal default deferrable desc distinct do else end except
    exists extract false fetch float for foreign freeze from full grant greatest group grouping
    having ilike in initially inner inout int integer intersect interval into is isnull join lateral
    leading least left like limit localtime localtimestamp national natural nchar none not notnull
    null nullif numeric offset on only or order out outer overlaps overlay placing position
    precision primary real references returning right row select session_user setof similar
    smallint some substring symmetric table tablesample then time timestamp to trailing treat trim
    true union unique user using values varchar variadic verbose when where window with
    """)

  private static func words(_ text: String) -> [String] {
    text.split(whereSeparator: \.isWhitespace).map(String.init)
  }
}

extension String {
  /// An identifier as a message or a statement shows it: in quotes unless it is a plain word.
  var quotedIfNeeded: String {
    let isPlain =
      first.map { $0 == "_" || ("a"..."z").contains($0) } ?? false
      && allSatisfy { $0 == "_" || ("a"..."z").contains($0) || ("0"..."9").contains($0) }
      && !PostgreSQLNames.reserved.contains(self)
    if isPlain { return self }
    return "\"" + map { $0 == "\"" ? "\"\"" : String($0) }.joined() + "\""
  }
}
