package io.consoul.gc;

import io.consoul.message.Hello;
import io.consoul.message.Kind;
import io.consoul.node.Membership;
import io.consoul.node.Node;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which gc instance of the cluster collects: of those in the directory the one with the lowest inbox. There is nothing to
 * agree on: when it leaves or falls silent, the next one finds itself the lowest. For a moment two may collect, or none; a
 * collection does no harm beside another one.
 */
final class Leadership {

  private final Node node;
  private final Membership own;

  Leadership(Node node, Membership own) {
    this.node = node;
    this.own = own;
  }

  boolean isHere() {
    return elsewhere().isEmpty();
  }

  /**
   * The inbox of the instance that collects when it is another one. It is lower than this one's, so what is passed on
   * comes to an end also where nodes do not see the same instances.
   */
  Optional<String> elsewhere() {
    return node.directory().serving(Kind.GC).stream()
        .map(Hello::inbox)
        .min(Comparator.naturalOrder())
        .filter(lowest -> lowest.compareTo(own.inbox()) < 0);
  }
}
