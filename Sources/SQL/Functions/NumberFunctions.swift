#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ScalarFunction {
  /// Functions of numbers, and `random`.
  ///
  /// `sqrt`, `power` and their kin compute in double precision even for `numeric`, whose exact
  /// variants PostgreSQL has.
  static let numberFunctions: [ScalarFunction] =
    [SQLType.smallint, .integer, .bigint].flatMap { type in
      [
        ScalarFunction("abs", [type], type) { (arguments, _) throws(SQLError) in
          let (value, limit) = (arguments.integer(0), type.integerRange.lowerBound)
          guard value != limit else { throw .numericValueOutOfRange(type) }
          return .integer(abs(value))
        },
        ScalarFunction("mod", [type, type], type) { (arguments, _) throws(SQLError) in
          guard arguments.integer(1) != 0 else { throw .divisionByZero }
          return .integer(
            arguments.integer(0).remainderReportingOverflow(dividingBy: arguments.integer(1))
              .partialValue)
        },
      ]
    }
    + [
      ScalarFunction("abs", [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(arguments.decimal(0).magnitude)
      },
      ScalarFunction("abs", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(arguments.double(0).magnitude)
      },
      ScalarFunction("mod", [.numeric, .numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try ExactDecimal.remainder(arguments.decimal(0), arguments.decimal(1)))
      },
      ScalarFunction("sign", [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(ExactDecimal(Int64(arguments.decimal(0).significand.signum())))
      },
      ScalarFunction("sign", [.double], .double) { (arguments, _) throws(SQLError) in
        let value = arguments.double(0)
        return .double(value > 0 ? 1 : (value < 0 ? -1 : value))
      },
      ScalarFunction("round", [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try arguments.decimal(0).rounded(toScale: 0))
      },
      ScalarFunction("round", [.numeric, .integer], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try rounded(arguments, ExactDecimal.rounded))
      },
      ScalarFunction("trunc", [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try arguments.decimal(0).truncated(toScale: 0))
      },
      ScalarFunction("trunc", [.numeric, .integer], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try rounded(arguments, ExactDecimal.truncated))
      },
      ScalarFunction("floor", [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try whole(arguments.decimal(0), towards: -1))
      },
      ScalarFunction("degrees", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(try finite(arguments.double(0) / (.pi / 180), arguments))
      },
      ScalarFunction("radians", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(arguments.double(0) * (.pi / 180))
      },
      ScalarFunction("sin", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(sin(arguments.double(0)))
      },
      ScalarFunction("cos", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(cos(arguments.double(0)))
      },
      ScalarFunction("tan", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(tan(arguments.double(0)))
      },
      ScalarFunction("atan2", [.double, .double], .double) { (arguments, _) throws(SQLError) in
        .double(atan2(arguments.double(0), arguments.double(1)))
      },
      ScalarFunction("div", [.numeric, .numeric], .numeric) { (arguments, _) throws(SQLError) in
        let (dividend, divisor) = (arguments.decimal(0), arguments.decimal(1))
        let rest = try ExactDecimal.remainder(dividend, divisor)
        let whole = try ExactDecimal.divide(try ExactDecimal.subtract(dividend, rest), divisor)
        return .decimal(try whole.truncated(toScale: 0))
      },
      ScalarFunction("pi", [], .double) { (_, _) throws(SQLError) in .double(.pi) },
      ScalarFunction("random", [], .double, isImmutable: false) { (_, context) throws(SQLError) in
        .double(context.randomDouble())
      },
      ScalarFunction("sqrt", [.double], .double) { (arguments, _) throws(SQLError) in
        guard arguments.double(0) >= 0 || arguments.double(0).isNaN else {
          throw .invalidArgument(
            "cannot take square root of a negative number", sqlState: "2201F")
        }
        return .double(arguments.double(0).squareRoot())
      },
      ScalarFunction("exp", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(try finite(exp(arguments.double(0)), arguments))
      },
      ScalarFunction("ln", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(try logarithm(arguments.double(0), log))
      },
      ScalarFunction("log", [.double], .double) { (arguments, _) throws(SQLError) in
        .double(try logarithm(arguments.double(0), log10))
      },
    ]
    + ["ceil", "ceiling"].map { name in
      ScalarFunction(name, [.numeric], .numeric) { (arguments, _) throws(SQLError) in
        .decimal(try whole(arguments.decimal(0), towards: 1))
      }
    }
    + ["power", "pow"].map { name in
      ScalarFunction(name, [.double, .double], .double) { (arguments, _) throws(SQLError) in
        .double(try power(arguments.double(0), arguments.double(1)))
      }
    }
    + ([
      ("round", .toNearestOrEven), ("trunc", .towardZero), ("floor", .down), ("ceil", .up),
      ("ceiling", .up),
    ] as [(String, FloatingPointRoundingRule)]).map { (name, rule) in
      ScalarFunction(name, [.double], .double) { (arguments, _) throws(SQLError) in
        .double(arguments.double(0).rounded(rule))
      }
    }

  private static func rounded(
    _ arguments: [Value], _ round: (ExactDecimal) -> (Int) throws(SQLError) -> ExactDecimal
  ) throws(SQLError) -> ExactDecimal {
    // Digits beyond what a numeric can have change nothing but its scale.
    let places = min(max(arguments.count(1), -ExactDecimal.maximumDigits), 38)
    return try round(arguments.decimal(0))(places)
  }

  private static func whole(
    _ value: ExactDecimal, towards direction: Int64
  ) throws(SQLError) -> ExactDecimal {
    let truncated = try value.truncated(toScale: 0)
    let isInside = direction < 0 ? value < truncated : value > truncated
    return isInside ? try ExactDecimal.add(truncated, ExactDecimal(direction)) : truncated
  }

  private static func power(_ base: Double, _ exponent: Double) throws(SQLError) -> Double {
    if base == 0, exponent < 0 {
      throw .invalidArgument("zero raised to a negative power is undefined", sqlState: "2201F")
    }
    if base < 0, exponent.isFinite, exponent != exponent.rounded() {
      throw .invalidArgument(
        "a negative number raised to a non-integer power yields a complex result",
        sqlState: "2201F")
    }
    return try finite(pow(base, exponent), [.double(base), .double(exponent)])
  }

  private static func logarithm(
    _ value: Double, _ function: (Double) -> Double
  ) throws(SQLError) -> Double {
    guard value != 0 else {
      throw .invalidArgument("cannot take logarithm of zero", sqlState: "2201E")
    }
    guard value > 0 || value.isNaN else {
      throw .invalidArgument("cannot take logarithm of a negative number", sqlState: "2201E")
    }
    return function(value)
  }

  /// Refuses an infinity that no argument was.
  private static func finite(_ value: Double, _ arguments: [Value]) throws(SQLError) -> Double {
    let mayBeInfinite = arguments.contains { $0.doubleValue?.isFinite == false }
    guard value.isFinite || mayBeInfinite else { throw .numericValueOutOfRange(.double) }
    return value
  }
}
