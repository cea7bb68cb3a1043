package io.consoul.provider;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Resumption;
import io.consoul.provider.course.Course;
import io.consoul.provider.course.CourseSink;
import io.consoul.trace.RequestContext;
import io.consoul.trace.Tracing;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import java.util.function.Consumer;

/** What brings one turn to its answer, journals it and ends it. It holds the whole conversation. */
record TurnWork(Course course, Custody custody, Ending ending) {

  /** @param onLost called once when the turn is not ours any longer, with the session's reason */
  static TurnWork of(
      Workbench bench, AnswerTurn order, Route route, CourseSink sink, Consumer<Throwable> onLost) {
    Completion completion = new Completion(
        model(route), order.settings(), order.history(), order.promptTokens(), order.options());
    Custody custody = order.hasLease()
        ? new SessionCustody(bench, order, onLost)
        : new NoCustody(bench.node().clock());
    String turn = order.turn().value();
    Resumption begun = order.resumption();
    Course course = begun == null || begun.said().isEmpty()
        ? bench.courses().plan(turn, route, completion, order.deadline(), sink)
        : bench
            .courses()
            .planRest(
                turn,
                route,
                completion,
                order.deadline(),
                sink,
                begun.said().length(),
                begun.rescues());
    return new TurnWork(course, custody, new Ending(bench, order, completion, custody));
  }

  /** The present request, within a span of this attempt at its answer. */
  static RequestContext request(Workbench bench, AnswerTurn order) {
    Resumption begun = order.resumption();
    SpanBuilder span = bench
        .node()
        .tracing()
        .span("answer turn", SpanKind.INTERNAL)
        .setAttribute(Tracing.TURN, order.turn().value())
        .setAttribute("consoul.turn.fence", order.fence());
    if (begun != null) {
      span.setAttribute("consoul.turn.resumed_from", begun.said().length());
    }
    return RequestContext.current().within(span.startSpan());
  }

  /** The one that answers if nobody else has to. */
  static String model(Route route) {
    return route.steps().get(0).target().model();
  }
}
