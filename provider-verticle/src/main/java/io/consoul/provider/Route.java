package io.consoul.provider;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Who may answer for a model's name, in the order in which they are asked.
 *
 * @param name as it was asked for
 */
public record Route(String name, List<Step> steps) {

  /**
   * One who may answer.
   *
   * @param weight its share of being asked first; 0 for one that only stands in for the others
   * @param firstToken how long to wait for the first word before the next one is asked, or null
   */
  public record Step(Target target, int weight, Duration firstToken) {}

  public Route {
    steps = List.copyOf(steps);
    if (steps.isEmpty()) {
      throw new IllegalArgumentException("a route leads somewhere");
    }
  }

  /** The way to one target alone. */
  static Route to(String name, Target target) {
    return new Route(name, List.of(new Step(target, 1, null)));
  }

  /** The steps for one turn: who is first is drawn by weight, the others follow in their order. */
  public List<Step> order(RandomGenerator random) {
    int total = steps.stream().mapToInt(Step::weight).sum();
    if (steps.size() == 1 || total == 0) {
      return steps;
    }
    int drawn = random.nextInt(total);
    int at = 0;
    while (drawn >= steps.get(at).weight()) {
      drawn -= steps.get(at++).weight();
    }
    List<Step> order = new ArrayList<>(steps);
    order.add(0, order.remove(at));
    return order;
  }
}
