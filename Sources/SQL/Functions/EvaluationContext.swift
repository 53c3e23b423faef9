/// What an expression may ask of the engine that evaluates it.
///
/// Every answer must be a function of the simulation, so that evaluating is repeatable.
public protocol EvaluationContext: AnyObject {
  /// When the transaction began: `now()`. Microseconds since 2000-01-01, as every timestamp here.
  var transactionTimestamp: Int64 { get }
  /// When the statement arrived.
  var statementTimestamp: Int64 { get }
  /// The host's clock at this moment.
  var clockTimestamp: Int64 { get }

  /// A number from 0 up to, and without, 1.
  func randomDouble() -> Double

  /// Calls one of ``SystemFunction/all``, whose arguments have been cast to its types.
  func systemFunction(_ name: String, _ arguments: [Value]) throws(SQLError) -> Value

  /// The first column of the rows of a subquery, by the number that ``SubqueryBinder`` gave it.
  /// It does not depend on the row at hand and was run before.
  func subqueryRows(_ index: Int) -> [Value]
}
