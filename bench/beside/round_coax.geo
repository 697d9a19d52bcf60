// A quarter of a round conductor in a round tube, twice as wide.
DefineConstant[ size = 0.1 ];
Point(1) = {0, 0, 0, size};
Point(2) = {0.5, 0, 0, size / 2};
Point(3) = {1, 0, 0, size};
Point(4) = {0, 1, 0, size};
Point(5) = {0, 0.5, 0, size / 2};
Line(1) = {2, 3};
Circle(2) = {3, 1, 4};
Line(3) = {4, 5};
Circle(4) = {5, 1, 2};
Curve Loop(1) = {1:4};
Plane Surface(1) = {1};
Physical Surface(1) = {1};
Physical Curve(11) = {4};
Physical Curve(12) = {2};
