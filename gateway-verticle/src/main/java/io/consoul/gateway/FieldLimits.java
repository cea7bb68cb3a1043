package io.consoul.gateway;

/**
 * Limits of values that only spare the models what they would refuse or take ill. Those that the server itself needs, such as
 * those of a body's size and of ids, are not among them and hold always.
 *
 * @param message characters of a user's message
 * @param maxTokens of one answer
 */
record FieldLimits(int message, int temperature, int maxTokens) {

  static final FieldLimits USUAL = new FieldLimits(32_768, 2, 1_000_000);

  static final FieldLimits NONE =
      new FieldLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
}
