package io.consoul.provider;

import io.consoul.message.AnswerTurn;
import io.consoul.message.Resumption;
import io.consoul.provider.course.Course;
import io.consoul.provider.course.CourseSink;
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

  /** The one that answers if nobody else has to. */
  static String model(Route route) {
    return route.steps().get(0).target().model();
  }
}
