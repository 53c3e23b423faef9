import SQL
import Testing

@Suite struct `An expression` {
  @Test(arguments: recordedExpressions)
  func `yields what PostgreSQL yields`(expression: String, expected: String) {
    #expect(answer(expression) == expected)
  }
}
