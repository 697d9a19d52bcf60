// The right half of a strip on a board in a grounded box: the board is 1 high, the strip 2 wide and 1/4 thick, the box
// 16 x 8.
Point(1) = {0, 0, 0};
Point(2) = {8, 0, 0};
Point(3) = {8, 1, 0};
Point(4) = {8, 8, 0};
Point(5) = {0, 8, 0};
Point(6) = {0, 1.25, 0};
Point(7) = {1, 1.25, 0};
Point(8) = {1, 1, 0};
Point(9) = {0, 1, 0};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 5};
Line(5) = {5, 6};
Line(6) = {6, 7};
Line(7) = {7, 8};
Line(8) = {8, 9};
Line(9) = {9, 1};
Line(10) = {8, 3};
Curve Loop(1) = {3, 4, 5, 6, 7, 10};
Curve Loop(2) = {1, 2, -10, 8, 9};
Plane Surface(1) = {1};
Plane Surface(2) = {2};
Physical Surface(1) = {1};
Physical Surface(2) = {2};
Physical Curve(11) = {6, 7, 8};
Physical Curve(12) = {1, 2, 3, 4};
corners[] = {7, 8};
// Beside the lower corner, of conductor, board and air.
alpha = 2 / Pi * Atan(Sqrt(1 + 2 / 10));
Include "graded.geo";
