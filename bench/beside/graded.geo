// Triangles that shrink towards the points `corners`, where the field is like r^alpha: h = size r^(1 - alpha/(order + 1))
// gives elements of that order the least error in energy for their number.
DefineConstant[ size = 0.1, order = 2 ];
power = 1 - alpha / (order + 1);
Field[1] = Distance;
Field[1].NodesList = {corners[]};
Field[2] = MathEval;
Field[2].F = Sprintf("%g * (%g + F1)^%g", size, size^(1 / (1 - power)), power);
Background Field = 2;
Mesh.CharacteristicLengthFromPoints = 0;
Mesh.CharacteristicLengthExtendFromBoundary = 0;
Mesh.RandomFactor = 1e-11;
